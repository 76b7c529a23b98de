"""What people set of their own account, and admins of somebody's."""
