"""The people of the team, for admins and for those who ask them: invites, rights, approvals, alerts and the trail."""
