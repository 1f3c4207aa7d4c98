"""What is probably meant where PostgreSQL's parser sees a syntax error."""
