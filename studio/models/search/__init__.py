"""What search knows of each picture, and how it is asked."""
