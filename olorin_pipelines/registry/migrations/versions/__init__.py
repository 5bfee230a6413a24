"""How did the tables of the registry come to be what they are? A module per revision; never changed once released."""
