"""What is read out of people's words, and made of them."""
