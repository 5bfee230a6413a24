"""How is the judgement of a proposed change shown to people and machines? One module per format."""
