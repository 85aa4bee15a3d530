"""What happened and to whom, in our words: no AWS, no HTTP, nothing else of ours."""
