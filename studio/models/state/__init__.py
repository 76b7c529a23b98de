"""What Studio knows of itself: its processes, its storage and the API's answers."""
