"""RabbitMQ: what is declared there, how an envelope looks on the wire, and how it gets there."""
