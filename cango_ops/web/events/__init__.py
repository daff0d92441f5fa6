"""What happened at a place, as marks on its charts, as a page, and by REST."""
