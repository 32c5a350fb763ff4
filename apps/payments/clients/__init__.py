"""What payments has done elsewhere: by Stripe, and by the process that draws files."""
