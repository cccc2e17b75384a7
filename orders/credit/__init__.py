"""To whose credit a sale is: touches, the order's credit, commission and statements."""
