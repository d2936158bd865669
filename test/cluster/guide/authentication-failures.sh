# Verify secret exists and has correct format
kubectl get secret bgp-auth-secret -n metallb-system -o yaml

# Decode and verify password
kubectl get secret bgp-auth-secret -n metallb-system -o jsonpath='{.data.password}' | base64 -d

# Check router logs for authentication failures
# On FRR: show log | include BGP
