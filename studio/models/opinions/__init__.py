"""What people think and say of pictures, and the words that they sort them by."""
