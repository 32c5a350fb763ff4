"""The admin as a whole: its site, what stands in its sidebar, and the dashboard of the day."""
