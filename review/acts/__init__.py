"""What a person does to a review: each act is pure, takes a person and says what it would write.

``review.files.change.apply`` writes it; the command line and every other way in call the same acts.
"""
