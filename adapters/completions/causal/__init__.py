"""A Hugging Face causal LM on this machine: prompts that wait are answered side by side, each as a stream of its own."""
