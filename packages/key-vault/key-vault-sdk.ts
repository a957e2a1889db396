// Azure's library, in a file of its own: it loads when a key vault is used, and not before.
export { createHttpHeaders } from '@azure/core-rest-pipeline';
export { SecretClient } from '@azure/keyvault-secrets';
