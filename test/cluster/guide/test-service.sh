# Check service status
kubectl get svc nginx-lb

# Expected output:
# NAME       TYPE           CLUSTER-IP     EXTERNAL-IP    PORT(S)        AGE
# nginx-lb   LoadBalancer   10.96.100.10   10.100.0.1     80:31234/TCP   1m

# Test connectivity from external network
curl http://10.100.0.1
