"""What the CPU queue does with pictures that are stored: sizes, layers, watermarks, the end of the trash."""
