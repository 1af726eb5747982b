"""The parts of the fake upstream: what the model says (script), and how each vendor speaks (openai, anthropic)."""
