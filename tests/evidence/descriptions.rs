//! `kubectl describe`: what it says, and the events at its end.

use super::events::events;
use super::of;

const PODS: &str = "Name:             web-1
Namespace:        shop
Priority:         0
Service Account:  default
Node:             node-a/10.0.0.1
Start Time:       Mon, 01 Jan 2024 00:00:10 +0000
Labels:           app=web
Status:           Running
IP:               10.244.1.7
Controlled By:    ReplicaSet/web
Init Containers:
  copy:
    Container ID:  containerd://0123456789ab
    State:          Terminated
      Reason:       Completed
      Exit Code:    0
      Started:      Mon, 01 Jan 2024 00:00:11 +0000
      Finished:     Mon, 01 Jan 2024 00:00:12 +0000
    Ready:          True
    Restart Count:  0
Containers:
  app:
    Image:          registry.example/web:1
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Message:      out of heap
Volumes of memory: none
      Exit Code:    137
      Started:      Mon, 01 Jan 2024 00:04:00 +0000
      Finished:     Mon, 01 Jan 2024 00:05:00 +0000
    Ready:          False
    Restart Count:  4
    Limits:
      memory:     64Mi
    Environment:  <none>
  side:
    State:          Running
      Started:      Mon, 01 Jan 2024 00:00:14 +0000
    Last State:     Terminated
      Reason:       Error
      Exit Code:    2
      Finished:     Mon, 01 Jan 2024 00:00:13 +0000
    Restart Count:  1
Conditions:
  Type              Status
  Ready             False
Volumes:
  cache:
    Type:       EmptyDir (a temporary directory that shares a pod's lifetime)
    State:      Terminated
      Reason:   no container
QoS Class:       Burstable
Events:
  Type     Reason     Age                From               Message
  ----     ------     ----               ----               -------
  Normal   Scheduled  5m                 default-scheduler  Successfully assigned shop/web-1 to node-a
  Warning  BackOff    12s (x9 over 4m)   kubelet            Back-off restarting failed container app in pod web-1


Name:             web-2
Namespace:        shop
Node:             node-b/10.0.0.2
Start Time:       Mon, 01 Jan 2024 00:00:20 +0000
Status:           Failed
Reason:           Evicted
Message:          The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. 
Containers:
  app:
    Image:  registry.example/web:1
Events:
  Type     Reason   Age  From     Message
  ----     ------   ---  ----     -------
  Warning  Evicted  50s  kubelet  The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi.


Name:             web-3
Namespace:        shop
Node:             node-c/10.0.0.3
Status:           Terminating (lasts 5m)
Reason:           NodeLost
Containers:
  app:
    State:          Waiting
      Reason:       ContainerCreating
Events:             <none>


Name:             web-4
Namespace:        shop
Node:             <none>
Containers:
  app:
    Image:  registry.example/web:1
Events:
  Type     Reason            Age  From               Message
  ----     ------            ---  ----               -------
  Warning  FailedScheduling  50s  default-scheduler  0/3 nodes are available
";

#[test]
fn pods() {
    let facts = [
        "25 shop/web-1/app waiting CrashLoopBackOff exit - restarts 4 - node-a",
        "27 shop/web-1/app terminated OOMKilled exit 137 restarts 4 1704067500 node-a",
        "42 shop/web-1/side terminated Error exit 2 restarts 1 1704067213 node-a",
        "68 evicted shop/web-2 memory 94371840<104857600 (90Mi) - node-b",
        "75 evicted shop/web-2 memory 94371840<104857600 (90Mi) - node-b",
        "82 shop/web-3 NodeLost () restarts 0 node-c",
    ];
    assert_eq!(of("x", PODS), Some(("pods", facts.map(str::to_owned).to_vec(), Some(1_704_067_500))));
    let told = [
        "Pod shop/web-1 Scheduled Normal default-scheduler@ x1 -..-: Successfully assigned shop/web-1 to node-a",
        "Pod shop/web-1 BackOff Warning kubelet@node-a x9 -..-: Back-off restarting failed container app in pod web-1",
        "Pod shop/web-2 Evicted Warning kubelet@node-b x1 -..-: The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi.",
        "Pod shop/web-4 FailedScheduling Warning default-scheduler@ x1 -..-: 0/3 nodes are available",
    ];
    assert_eq!(events(PODS), told);
}

#[test]
fn other_descriptions_are_no_pods() {
    for other in [
        "Name:  web\nNamespace:  shop\nSelector:  app=web\nPod Template:\n  Containers:\n   app:\n    Image:  web:1\n",
        "Name:  web\nNamespace:  shop\nType:  ClusterIP\nEvents:  <none>\n",
    ] {
        assert_eq!((of("x", other), events(other)), (None, Vec::new()), "{other}");
    }
}

#[test]
fn the_events_of_a_node() {
    let node = "Name:               node-a
Conditions:
  Type             Status  LastHeartbeatTime                 LastTransitionTime                Reason                     Message
  ----             ------  -----------------                 ------------------                ------                     -------
  Ready            True    Mon, 01 Jan 2024 00:05:00 +0000   Mon, 01 Jan 2024 00:00:15 +0000   KubeletReady               kubelet is posting ready status
Events:
  Type     Reason     Age               From     Message
  ----     ------     ----              ----     -------
  Warning  SystemOOM  12s (x3 over 5m)  kubelet  System OOM encountered, victim process: java, pid: 7
";
    let told = "Node /node-a SystemOOM Warning kubelet@ x3 -..-: System OOM encountered, victim process: java, pid: 7";
    assert_eq!(events(node), [told]);
}
