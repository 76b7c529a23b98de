"""What a request holds before it is placed, and whether it has to be approved."""
