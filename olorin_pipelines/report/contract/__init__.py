"""How are the results of contract tests shown? One module per format; all of them are written from `Tested` alone."""
