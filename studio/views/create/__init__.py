"""The Create page: the dock, what fills it, and the list of what was asked for."""
