"""Pure rules of quizzes: what is right, what it earns, what can be asked; no database, no clock."""
