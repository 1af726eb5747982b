"""Google's Gemini: generateContent as the Developer API and Vertex AI speak it."""
