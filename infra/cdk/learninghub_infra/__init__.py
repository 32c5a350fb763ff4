"""The drawing as stacks: one construct per capability; `app.py` wires them."""
