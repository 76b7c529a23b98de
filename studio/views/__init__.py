"""Pages and what travels to them: a package for each noun; here lies what they share."""
