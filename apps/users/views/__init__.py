"""Views of users: the API's routes, and the pages that mailed links lead to."""
