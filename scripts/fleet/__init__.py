"""`make fleet`: one process a service and one a queue, forked from a parent that has imported everything."""
