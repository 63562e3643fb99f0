"""Partner accounts, their policies, and the routes and limits for their orders."""
