/** What can be asked of the sandbox's Scout. Names and types are those of Docker Scout's schema, of which this is a part. */
export const queries = `
type Query {
  imageDetailsListByDigest(
    context: Context!
    digest: String!
    repository: String
  ): [ImageWithBaseImage!]!
  imageSummariesByDigest(
    context: Context!
    digests: [String!]!
    repository: ScRepositoryInput
  ): [SdImageSummary!]!
  imagePackagesByDigest(
    context: Context!
    digest: String!
    query: IpImagePackagesByDigestQuery
  ): IpImagePackagesByDigest
  imageDetectedSecretsByDigest(context: Context!, digest: String!): IdDetectedSecrets
  baseImagesByDigest(context: Context!, digest: String!): [BiImageLayers!]!
  tagRecommendationsByDigest(
    context: Context!
    repository: String
    digest: String!
  ): TrRecommendedTags
  tagRecommendationsByRepositoryAndTag(
    context: Context!
    repository: String!
    tag: String!
  ): TrRecommendedTags
  vulnerabilitiesByPackage(
    context: Context!
    packageUrls: [String!]!
    digest: String
    includeExcepted: Boolean
  ): [VpPackageVulnerability!]!
  cveSources(context: Context!, query: ScCVESourcesQuery!): ScCVESourcesResult
  recentCves(context: Context!, query: ScRecentCVEsQuery!): ScRecentCVEsResult!
  attestations(context: Context!, query: MgAttestationsQuery!): MgAttestationsResult
  dhiAttestations(context: Context, query: MgAttestationsQuery!): MgAttestationsResult
  attestationsList(context: Context!, query: MgAttestationsListQuery!): MgAttestationsListResult
  dhiAttestationsList(context: Context, query: MgAttestationsListQuery!): MgAttestationsListResult
  goalResultSummaries(context: Context!, query: PolicySummaryQuery!): ScPolicySummaryResult
  goalResultsByDigest(context: Context!, query: GoalResultsQuery!): ScPolicyImage
  goalResults(context: Context!, query: GoalResultsPolicyQuery!): ScSinglePolicyResults
  organizationStatus(context: Context!): ScOrganizationStatus!
  namespaceEntitlements(context: Context!): NamespaceEntitlements!
  listEnabledRepos(
    context: Context!
    integration: IntegrationConfigurationFilter
  ): EnabledRepositoriesResult!
  serviceStatus: ServiceStatusResult!
  streams(context: Context!, query: ScStreamsQuery): ScStreamsResult
  streamImages(context: Context!, query: ScStreamImagesQuery!): ScStreamImagesResult
  cvesByStream(context: Context!, query: ScStreamCVEsQuery!): ScStreamCVEsResult
  imagesAffectedByCVE(
    context: Context!
    query: ScImagesAffectedByCVEQuery!
  ): ScImagesAffectedByCVEResult
  imagesWithPackage(
    context: Context!
    query: PkImagesWithPackageQuery!
  ): PkImagesWithPackageResponse!
  vulnerabilityExceptions(
    context: Context!
    query: VulnerabilityExceptionsQuery
  ): VulnerabilityExceptionsResult!
  dhiRepositories(context: Context, query: DhiRepositoriesQuery): DhiRepositoriesResult!
  dhiRepositoryDetails(
    context: Context
    query: DhiRepositoryDetailsQuery!
  ): DhiRepositoryDetailsResult
  dhiTagDetails(context: Context, query: DhiTagDetailsQuery!): DhiTagDetailsResult
  dhiListMirroredRepositories(context: Context!): DhiListMirroredRepositoriesResponse!
  dhiGetMirroredRepositoriesBySourceRepository(
    context: Context!
    query: DhiGetMirroredRepositoriesBySourceRepositoryQuery!
  ): DhiGetMirroredRepositoriesBySourceRepositoryResponse!
  dhiListMirroringLogs(
    context: Context!
    query: DhiListMirroringLogsQuery
  ): DhiListMirroringLogsResult!
  vulnerabilityException(context: Context!, id: ID!): VulnerabilityException
  vulnerabilityExceptionsApplicableToImage(
    context: Context!
    query: VulnerabilityExceptionsApplicableToImageQuery!
  ): VulnerabilityExceptionsResult!
  user: ScUserResult!
  shouldEnableReposOnPush(context: Context!): ShouldEnableReposOnPushResult!
  listBlockedRepos(
    context: Context!
    integration: IntegrationConfigurationFilter
  ): ListBlockedReposResult!
  repoFeatures(context: Context!, repoName: String!, hostName: String): RepositoryFeatures!
  streamSummary(context: Context!, query: StreamSummaryQuery!): StreamSummaryResult!
  listWebhooks(context: Context!): ListWebhooksResult!
  getWebhook(context: Context!, id: String!): Webhook
  notificationWebhook(context: Context!, ID: String!): NotificationWebhookResult
  notificationWebhooks(
    context: Context!
    filter: NotificationWebhookFilterInput
  ): [NotificationWebhookResult!]!
}
`;
