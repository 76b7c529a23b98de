"""One picture, or a few: large, compared, talked about, taken out as files, and where it comes from."""
