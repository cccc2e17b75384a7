"""What bringing costs, who brings it, and when it is there: rules, load, window, choice."""
