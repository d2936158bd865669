# View speaker logs for BGP session status
kubectl logs -n metallb-system -l component=speaker --tail=100

# Look for session establishment messages
kubectl logs -n metallb-system -l component=speaker | grep -i "session"
