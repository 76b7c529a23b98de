"""Files that leave Studio or come in by way of a program, and those that nothing needs any more."""
