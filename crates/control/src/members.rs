//! Membership as points meet it: what is stored of them, and the hub that feeds them, in step with each other.

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_enforce::{Joined, Membership, MembershipError, PointIdentity};
use bartizan_model::{PointId, Secret};

use crate::hub::Hub;
use crate::points::Points;

/// Lets machines join, stay and leave.
#[derive(Debug)]
pub struct Members {
    points: Arc<Points>,
    hub: Arc<Hub>,
}

impl Members {
    /// Over these.
    #[must_use]
    pub fn new(points: Arc<Points>, hub: Arc<Hub>) -> Arc<Self> {
        Arc::new(Self { points, hub })
    }
}

#[async_trait]
impl Membership for Members {
    async fn join(
        &self,
        token: Secret<[u8; 32]>,
        point: PointId,
        csr_der: Vec<u8>,
    ) -> Result<Joined, MembershipError> {
        let joined = self.points.join(token, point, csr_der).await?;
        // What the point asks next is asked of the hub, which would take it for one that was removed. If the hub does not
        // catch up in time the point has joined all the same, and asks again.
        if let Err(error) = self.hub.current().await {
            tracing::warn!(%error, %point, "a point has joined, and is not fed yet");
        }
        Ok(joined)
    }

    async fn renew(&self, point: PointId, csr_der: Vec<u8>) -> Result<PointIdentity, MembershipError> {
        self.points.renew(point, csr_der).await
    }

    async fn leave(&self, point: PointId) -> Result<(), MembershipError> {
        self.points.leave(point).await?;
        self.hub.left(point);
        Ok(())
    }
}
