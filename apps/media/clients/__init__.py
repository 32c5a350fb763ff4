"""What media asks of the outside: where clients send their files, and whether a file carries malware."""
