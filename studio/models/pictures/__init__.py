"""What is kept beside a picture's own row, and which pictures somebody sees."""
