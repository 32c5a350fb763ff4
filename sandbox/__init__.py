"""The outside world on localhost, for tests and demos; imports nothing of ours."""
