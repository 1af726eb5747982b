"""AWS Bedrock: Converse and ConverseStream."""
