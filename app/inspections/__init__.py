"""The visit: answers, findings, photos, signature, amendment."""
