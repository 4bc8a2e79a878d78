"""The attack: what somebody could work out from all that is published. It shares no code with the protection and judges it."""
