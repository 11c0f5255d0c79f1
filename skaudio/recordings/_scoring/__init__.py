"""From a recording to the scores of its windows, kept and resumed."""
