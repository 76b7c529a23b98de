"""The state of the studio, for admins and for machines."""
