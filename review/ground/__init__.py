"""What knows nothing of reviews: errors, text, numbers in print, YAML, requests, spreadsheets."""
