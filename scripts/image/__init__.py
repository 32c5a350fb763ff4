"""`make image-check`: the image built and run by a real engine."""
