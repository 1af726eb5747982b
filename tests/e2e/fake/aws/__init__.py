"""What is the same for all of AWS: signatures, credentials, event streams, errors."""
