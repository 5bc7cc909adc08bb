// The pages that check what the service says, for anybody.
import type { AnyRoute } from '@tanstack/react-router'

export const proofRoutes: AnyRoute[] = []
